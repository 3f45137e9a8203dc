"""People who complain without an account: who they are, the private links by which they act, and how what they did is carried over."""
