"""What every page is given: the bridge, the pictures, the icons, the colours, the settings."""

from dataclasses import dataclass

from engine.ports.memory import GalleryFiles
from engine.ports.shelf import ModelChooser, ModelShelf
from ui.bridge import Bridge
from ui.icons import Icons
from ui.pictures import Pictures
from ui.preferences import Preferences
from ui.theme import Colours
from ui.watching import Watching


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """One for the whole window."""

    bridge: Bridge
    watching: Watching
    pictures: Pictures
    shelf: ModelShelf
    preferences: Preferences
    icons: Icons
    colours: Colours
    chooser: ModelChooser | None = None
    """None: nobody can choose the language model here."""
    files: GalleryFiles | None = None
    """None: the gallery cannot be written into a file here."""
