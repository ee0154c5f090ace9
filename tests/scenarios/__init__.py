"""Days at the border: the whole daemon, real links, emulated devices at their far end."""
