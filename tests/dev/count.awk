# Counts the tests that ran from meson's testlog.txt and shows what failed and why others were skipped.
# cmocka's TAP: "ok 1 - name", "not ok 2 - name", and for a skipped test "not ok 3 # SKIP name" with its reason in the comment before it;
# everybody else's: "ok 3 - name # SKIP reason", "1..0 # SKIP reason".

/^=+ [0-9]+\/[0-9]+ =+$/ { close_program(); open = 1; next }
!open { next }
/^test: / { program = $2; next }
/^result: / { result = $0; sub(/^result: +/, "", result); next }
/^-+ stdout -+$/ { body = 1; next }
/^-+ stderr -+$/ { body = 2; next }
/^=+$/ { close_program(); next }
/^Summary of Failures:/ { close_program(); next }
!body { next }
{ text = text "    | " $0 "\n" }
body == 2 { next }
/^1\.\.0 # SKIP/ { skips++; reasons = reasons "  skipped " program ": all (" substr($0, 13) ")\n"; next }
/^1\.\.[0-9]+/ { plan += substr($0, 4); next }
/^not ok [0-9]+ # SKIP/ {
  sub(/^not ok [0-9]+ # SKIP */, "")
  skips++
  reasons = reasons "  skipped " program ": " $0 (reason == "" ? "" : " (" reason ")") "\n"
  next
}
/^ok [0-9]+.* # SKIP/ {
  split($0, part, " # SKIP ")
  skips++
  reasons = reasons "  skipped " program ": " substr(part[1], index(part[1], "-") + 2) " (" part[2] ")\n"
  next
}
/^ok [0-9]+/ { oks++; reason = ""; next }
/^not ok [0-9]+/ { faults++; names = names "  FAILED  " program ": " substr($0, index($0, "-") + 2) "\n"; reason = ""; next }
/^# / { reason = substr($0, 3); sub(/^skipped: /, "", reason); next }

function close_program() {
  if (open) {
    ran = oks + faults + skips
    if (ran == 0 && plan == 0 && result == "exit status 0") oks = 1
    else if (ran == 0 && plan == 0 && result == "exit status 77") skips = 1
    else if (faults == 0 && (result != "exit status 0" || ran < plan)) {
      faults = 1
      names = names "  FAILED  " program ": stopped after " ran " of " plan " tests (" result ")\n"
    }
    passed += oks; failed += faults; skipped += skips
    if (faults) shown = shown names text
    if (reasons != "") { printf "%s", reasons }
  }
  open = body = plan = oks = faults = skips = 0
  text = names = reasons = reason = program = result = ""
}

END {
  close_program()
  if (shown != "") printf "%s", shown
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
  exit failed > 0 || passed == 0
}
