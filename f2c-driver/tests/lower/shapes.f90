subroutine takes_shapes(b, n, s)
  real b(n, 3), s
  real, allocatable :: a(:,:), c(:)
  a = 2 * b
  c = (/ 1.0, 2.0, s /)
  a = a + b
  c(:) = b(1, :)
  s = a(n, 3) + c(2)
end
