subroutine s(a, n)
  real a(n)
  outer: do i = 1, n
    do j = 1, n
      if (a(j) == 0) cycle outer
      if (a(j) < 0) exit
    end do
    a(i) = 1
  end do outer
  do
    n = n - 1
    if (n < 3) exit
  enddo
  do 10 k = 1, n
    if (k == 2) cycle
    if (k == 3) exit
10 continue
end
