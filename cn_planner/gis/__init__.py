"""The only door to rasterio and pyogrio: each file type by its magic bytes and one named driver."""
