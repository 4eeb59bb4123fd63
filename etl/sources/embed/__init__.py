"""The build of the data carried with the project; no refresh imports it."""
