! Array expressions as actual arguments are evaluated into an array of their own.
subroutine values(n, total)
  integer n
  double precision x(7), table(2, 0:3), total
  real sdot, row(4)
  external sdot, show
  x = 1d0
  total = sdot(n, real(x), 1, real(table(1, :)), 1)
  call show(-x, 2 * row(2:3), n + 1)
end subroutine values
