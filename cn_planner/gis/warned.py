"""What rasterio warns of and we do not need to hear, on any thread."""

from __future__ import annotations


def expect_no_place() -> None:
    """Let no warning come of rasters without a place: of classes in memory, and of files that are refused in words.

    For good, not for the length of a `warnings.catch_warnings`: that changes the filters of all threads, and where two
    of them go in and out by turns the warning comes through. rasterio itself does so round each raster in memory; what
    it puts back holds this filter.
    """
    import warnings

    from rasterio.errors import NotGeoreferencedWarning

    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)


__all__ = ["expect_no_place"]
