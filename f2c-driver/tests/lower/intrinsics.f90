subroutine s(x, d, z, c, n, c8)
  intrinsic ceiling, sqrt, epsilon
  real :: x
  double precision :: d
  complex*16 :: z
  complex :: c
  character(len=*) :: c8
  n = ceiling(x) + floor(d) + exponent(d) + digits(x) + maxexponent(d)
  d = epsilon(d) * tiny(1.0d0) * huge(x) + aimag(z) + real(z) + radix(d)
  z = conjg(z) + cmplx(d, d, kind=8)
  c = cmplx(d, x)
  n = len_trim(c8) + modulo(n, 3)
  write (*,*) trim(c8)
  ! Bounds of a substring, which looks like a call.
  write (*,*) c8(1:len_trim(c8))
  call other(c8(len_trim(c8):), ichar(c8(len_trim(c8):)))
  call cpu_time(d)
end subroutine
