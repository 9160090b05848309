"""Data that earlier versions wrote; its scripts run with the code of that version."""

collect_ignore = ["before-rename"]
