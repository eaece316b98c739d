! Variables that nothing declares belong to the host.
program p
  n = 5
  x = 2.5
  call s
  print *, n, x
  print '(a/a/a)', 'the', 'end', 'of it'
contains
  subroutine s
    print *, n
    n = n + 1
    x = x * 2
    call t(3)
  end subroutine
  subroutine t(k)
    n = n + k
    m = 77
  end subroutine
end
