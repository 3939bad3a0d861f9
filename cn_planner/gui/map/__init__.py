"""The map: a canvas painted with QPainter in Web Mercator, its layers and its tools."""
