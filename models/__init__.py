"""Devices, neurons and networks that come with brianmem, written as a user would write them."""
