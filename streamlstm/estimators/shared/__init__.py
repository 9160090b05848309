"""Shared by the estimators: conversion of features to rows, and of rows to results."""
