"""What is shown outside the window: notifications, and an icon in the tray where there is one."""
