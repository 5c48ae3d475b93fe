"""The bank file: 全銀協規定フォーマット 総合振込. Start at transfer_file.py."""
