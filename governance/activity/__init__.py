"""What the people of an organisation did, as its administrators read it."""
