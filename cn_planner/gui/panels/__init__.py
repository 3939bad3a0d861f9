"""What stands beside and below the map: the thing that is selected, tables, layers, suggestions, imports."""
