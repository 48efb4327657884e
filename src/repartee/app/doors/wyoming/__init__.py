"""The Wyoming door: speech to text, text to speech, wake words and home control for Home Assistant and satellites."""
