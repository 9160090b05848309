"""The learners: which models stand behind the daemon's one port?"""
