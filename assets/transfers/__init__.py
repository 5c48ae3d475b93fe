"""Answers to other offices: only to a request, only who was asked about, only what that office needs."""
