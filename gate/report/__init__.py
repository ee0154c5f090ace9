"""The month's report: what the checkpoint did, without anybody's name, plate or number in it."""
