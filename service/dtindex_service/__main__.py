"""``python -m dtindex_service``: the service, with its settings from the environment."""

from dtindex_service.server import run

if __name__ == "__main__":
    run()
