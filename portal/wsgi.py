import os

import django
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ["PORTAL_ANSWERS_VISITORS"] = "1"
django.setup(set_prefix=False)

from .ingress import Request  # noqa: E402 - it needs the settings


class Portal(WSGIHandler):
    request_class = Request


application = Portal()
