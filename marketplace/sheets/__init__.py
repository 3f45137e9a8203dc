"""What is on a marketplace, from a spreadsheet: for one that has no connector, or not yet.

Each row says of one listing, video, livestream or shop what an event would say, and goes the way of events.
"""
