from django.core.management import call_command


def test_the_demonstration_loads(committed_db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("load_reference", verbosity=0)
    call_command("load_demo")

    assert "manager@demo.example" in (tmp_path / "demo_logins.txt").read_text()
