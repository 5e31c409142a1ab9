"""A small, honest LMS to try the module in; it knows the module only through its plugin manager."""
