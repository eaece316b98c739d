! A label needs a statement; the one of a statement behind a semicolon is its own.
subroutine a
  goto 20
10 x = 1; 20 x = 2
30 ;
end
