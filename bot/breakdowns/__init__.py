"""What a week is broken down by, one file each, named as the field of `sop.summary.details.Details`
that it fills. A file exports `READ`, a function of `bot.week_details.Asked`. Found by scanning."""
