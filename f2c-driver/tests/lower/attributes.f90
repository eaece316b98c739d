subroutine s(n, a)
  integer, parameter :: wp = kind(1.d0)
  integer, intent(in) :: n
  real(wp), intent(inout) :: a(n)
  real(kind=wp), dimension(3), save :: b = (/ 1.0_wp, 2.0_wp, 3.0_wp /)
  complex(wp) :: z
  character(len=8) :: name
  character(3) :: tag
  logical, external :: lsame
  integer :: count = 0, empty(0)
  a(1) = 1.5_wp + b(2) + 2_4
  z = cmplx(a(1), 0, wp)
end subroutine s
