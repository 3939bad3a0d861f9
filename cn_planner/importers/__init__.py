"""Sites, households and measurements from people's files."""
