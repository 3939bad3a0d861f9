"""Plan file, migrations, catalogue and rules read from resources."""
