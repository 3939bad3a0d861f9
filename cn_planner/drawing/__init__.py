"""Map sheet, profile, labels, palettes and symbols as display lists; knows no Qt; writes SVG."""
