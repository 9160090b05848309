"""Reference values, and the scripts that made them with frameworks we do not depend on."""

collect_ignore_glob = ["make_*.py"]
