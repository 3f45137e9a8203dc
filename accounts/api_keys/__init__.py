"""Keys with which programs of an organisation call the API: made, rotated and revoked by its administrators."""
