"""Runnable claims, one file each; see `brianmem list experiments`."""
