"""Sites, homes and measurements from people's files: CSV and GeoJSON, all of it or nothing."""
