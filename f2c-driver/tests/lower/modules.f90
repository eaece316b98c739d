function f(x)
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use la_constants, only: zero => dzero, safmin => dsafmin
  use la_xisnan
  real(dp) :: f, x
  f = zero
  if (la_isnan(x)) f = safmin
end function
real(dp) function g(x)
  use, intrinsic :: iso_fortran_env, only: dp => real64
  real(dp) :: x
  g = x * 2.5_dp
end function

! A constant that a declaration's value names is the module's; so is one in a DATA value.
subroutine named_in_values(x, n)
  use, intrinsic :: iso_fortran_env, only: real64, int32
  implicit none
  integer, parameter :: wp = real64
  integer :: k = int32
  real(kind=wp), intent(inout) :: x(*)
  integer n
  n = k
  x(1) = 2.0_wp
end subroutine
