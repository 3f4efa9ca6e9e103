"""A record store: a folder of steps, each an import or the undoing of one; nothing in it is ever altered."""
