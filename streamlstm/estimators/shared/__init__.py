"""What the estimators share: how does river's dict become a row, and a row an answer?"""
