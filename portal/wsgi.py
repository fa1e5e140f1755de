import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# A web process gives up a slow query after 3 s; commands may take their time.
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "3000")

application = get_wsgi_application()
