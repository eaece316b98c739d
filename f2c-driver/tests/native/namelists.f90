program p
  integer :: i = -5, n(6) = (/1,1,1,2,2,3/), m(14)=(/1,2,3,4,5,6,7,8,9,10,11,12,13,14/)
  integer(8) :: k = 7
  integer(2) :: s = 3
  integer(1) :: u(12)=(/1,2,3,4,5,6,7,8,9,10,11,12/)
  logical :: l(3) = (/.true.,.true.,.false./), ll(16)=.true.
  real :: x = 1e10, y = 0.1, z(3)= 0., w(8) = (/1.,2.,3.,4.5,1e20,6.,7.,8./), v(6)=(/1.,1.,2.,2.,2.,5e-5/)
  double precision :: d = 1d-20, dd(4)=(/1d0,2d0,3d0,3d0/)
  complex :: c = (1.,2.), cc(3)=(1.,2.)
  complex(8) :: e = (1d0,2d0)
  character :: a*3 = 'x''y', b*1 = 'q', f(3)*2 = 'ab', g(3)*4=(/'a"b ','  c ','d   '/)
  character*90 :: long = 'abc def ghi jkl mno pqr stu vwx yz abc def ghi jkl mno pqr stu vwx yz'
  real :: q(2,2)
  namelist /grp/ i, n, m, k, s, u, l, ll, x, y, z, w, v, d, dd, c, cc, e, a, b, f, g, long, q
  namelist /one/ i
  ll(5)=.false.; ll(7)=.false.; ll(9)=.false.
  q(1,1)=1;q(2,1)=2;q(1,2)=3;q(2,2)=-4
  x = -1e10
  write(*,grp)
  write(*,nml=one)

  call numbers()
end program

subroutine numbers()
  integer :: m(5)=(/1,2,3,4,5/), i = 1, m11(11) = (/1,2,3,4,5,6,7,8,9,10,11/)
  character*1 :: c(7)=(/'a','b','c','d','e','f','g'/)
  character*4 :: e = ' '
  complex :: z(6)
  complex(8) :: zz(2) = (/(1d20,-2d0),(1d-3,3d0)/)
  real :: n(2)
  namelist /g/ m, i, m11, c, e, z, zz, n
  do i=1,6; z(i)=cmplx(i,-i*1e10); end do
  n = 0; n(1) = n(1)/n(2); n(2) = 1/n(2)
  write(*,g)
end subroutine
