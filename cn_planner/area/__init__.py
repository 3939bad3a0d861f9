"""The place: area packs, and the sample valley that the program makes."""
