"""The style sheet; `@name` stands for a colour of the theme."""

STYLE = """
QWidget { color: @text; }
QMainWindow, QDialog, QWidget[role="page"] { background: @surface; }
QDialog { border: 1px solid @line; }
QToolTip { background: @inset; color: @text; border: 1px solid @line; padding: 4px; }
QLabel { background: transparent; }
QLabel[role="title"] { font-size: 20px; font-weight: 600; }
QLabel[role="heading"] { font-size: 14px; font-weight: 600; }
QLabel[role="muted"], QLabel[role="small"] { color: @muted; }
QLabel[role="small"] { font-size: 12px; }
QLabel[role="warning"] { color: @warning; }
QLabel[role="danger"] { color: @danger; }
QLabel[role="accent"] { color: @accent; font-weight: 600; }
QLabel[role="remark"] { color: @second; }

QLabel[role="badge"], QLabel[role="badge-good"], QLabel[role="badge-slow"],
QLabel[role="badge-bad"] {
    border: 1px solid @muted; border-radius: 8px; padding: 0px 8px; font-size: 12px;
    color: @muted;
}
QLabel[role="badge-good"] { color: @accent; border: 1px solid @accent; }
QLabel[role="badge-slow"] { color: @warning; border: 1px solid @warning; }
QLabel[role="badge-bad"] { color: @danger; border: 1px solid @danger; }

QFrame[role="rail"] { background: @raised; border: none; border-right: 1px solid @line; }
QFrame[role="side"] { background: @raised; border: none; }
QFrame[role="card-marked"] { background: @raised; border: 2px solid @accent; border-radius: 8px; }
QFrame[role="card"] { background: @raised; border: 1px solid @line; border-radius: 8px; }
QFrame[role="inset"] { background: @inset; border: none; border-radius: 8px; }
QFrame[role="float"] { background: @raised; border: 1px solid @line; border-radius: 8px; }
QFrame[role="notice"] { background: @inset; border: none; border-left: 3px solid @warning; }
QFrame[role="rule"] { background: @line; border: none; }

QPushButton, QToolButton {
    background: @inset; border: 1px solid @line; border-radius: 8px;
    padding: 4px 12px; min-height: 20px;
}
QPushButton:hover, QToolButton:hover { background: @hover; }
QPushButton:focus, QToolButton:focus { border: 1px solid @accent; }
QPushButton:disabled, QToolButton:disabled { color: @muted; background: @raised; }
QPushButton[role="primary"] {
    background: @accent; color: @on_accent; border: 1px solid @accent; font-weight: 600;
}
QPushButton[role="primary"]:focus { border: 1px solid @text; }
QPushButton[role="primary"]:disabled {
    background: @inset; color: @muted; border: 1px solid @line;
}
QPushButton[role="danger"] { color: @danger; }
QPushButton[role="erase"] {
    background: @danger; color: @on_danger; border: 1px solid @danger; font-weight: 600;
}
QPushButton[role="erase"]:focus { border: 1px solid @text; }
QPushButton[role="link"] {
    background: transparent; border: 1px solid transparent; border-radius: 4px;
    color: @accent; padding: 0px 4px; min-height: 18px; font-size: 12px;
}
QPushButton[role="link"]:hover { background: @inset; }
QPushButton[role="link"]:focus { border: 1px solid @accent; }
QPushButton[role="chip"] { border-radius: 12px; padding: 2px 12px; }
QPushButton[role="chip"]:checked {
    background: @accent; color: @on_accent; border: 1px solid @accent;
}
QPushButton[role="chip"]:checked:focus { border: 1px solid @text; }
QToolButton { padding: 4px; }
QLineEdit > QToolButton { padding: 0px; min-height: 0px; border: none; background: transparent; }
QToolButton[role="quiet"] { background: transparent; border: 1px solid transparent; }
QToolButton[role="quiet"]:hover { background: @inset; }
QToolButton[role="quiet"]:focus { border: 1px solid @accent; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0px; }
QToolButton[role="rail"] {
    background: transparent; border: 1px solid transparent; border-radius: 8px;
    color: @muted; font-size: 11px; padding: 6px 0px 4px 0px;
    min-width: 62px;
}
QToolButton[role="rail"]:hover { background: @inset; }
QToolButton[role="rail"]:checked { background: @inset; color: @accent; }
QToolButton[role="rail"]:focus { border: 1px solid @accent; }
QToolButton[role="picture"] { background: @inset; padding: 0px; border: 1px solid @line; }
QToolButton[role="picture"]:hover { border: 1px solid @muted; }
QToolButton[role="picture"]:focus { border: 1px solid @accent; }

QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit {
    background: @raised; border: 1px solid @line; border-radius: 8px;
    padding: 4px 8px; min-height: 20px;
    selection-background-color: @accent; selection-color: @on_accent;
    placeholder-text-color: @muted;
}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus {
    border: 1px solid @accent;
}
QAbstractSpinBox { padding-right: 24px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    subcontrol-origin: border; width: 22px; height: 13px; border: none; background: transparent;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0px 0px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0px 2px 2px 0px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {
    background: @inset; border-radius: 4px;
}
QAbstractSpinBox::up-arrow { image: url("@icons/up-@scheme.svg"); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url("@icons/down-@scheme.svg"); width: 10px; height: 10px; }
QLineEdit:disabled { color: @muted; background: @inset; }
QComboBox QAbstractItemView {
    background: @raised; border: 1px solid @line; outline: none; padding: 4px;
    selection-background-color: @inset; selection-color: @text;
}
QComboBox { padding-right: 24px; }
QComboBox::drop-down {
    subcontrol-origin: border; subcontrol-position: center right; width: 24px; border: none;
    background: transparent;
}
QComboBox::down-arrow { image: url("@icons/down-@scheme.svg"); width: 14px; height: 14px; }
QCheckBox { spacing: 8px; padding: 2px; }
QCheckBox::indicator {
    width: 16px; height: 16px; border: 1px solid @muted; border-radius: 4px; background: @raised;
}
QCheckBox::indicator:checked {
    background: @accent; border: 1px solid @accent; image: url("@icons/check-@scheme.svg");
}
QCheckBox::indicator:focus { border: 1px solid @text; }
QCheckBox:focus { color: @accent; }

QMenu { background: @raised; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @inset; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }

QProgressBar {
    background: @inset; border: none; border-radius: 4px; max-height: 8px; min-height: 8px;
}
QProgressBar::chunk { background: @accent; border-radius: 4px; }

QScrollArea, QScrollArea > QWidget > QWidget[role="inside"] {
    background: transparent; border: none;
}
QScrollBar:vertical { background: transparent; width: 10px; margin: 0px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0px; }
QScrollBar::handle { background: @line; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0px; height: 0px; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: @line; }
QGraphicsView { background: @surface; border: none; }
"""
