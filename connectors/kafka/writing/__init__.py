"""Writes topics: how does a micro-batch become one Kafka transaction?"""
