import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402  readable only now

if settings.PRODUCTION:
    from config.start_check import refuse_odd_database

    refuse_odd_database()
