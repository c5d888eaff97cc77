"""TinyTorch: the framework you have built so far."""
