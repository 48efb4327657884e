"""Interfaces as OpenAI's, under `/v1`: for the many clients that speak them."""
