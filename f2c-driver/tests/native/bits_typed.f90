! Constants of bits have the type of what they become.
program p
  integer*8 m
  integer*2 j
  integer*1 l
  integer k
  data k, m, j, l /b'101', z'FFFFFFFFFF', z'FFFF', z'80'/
  integer*2 jj(2)
  data jj/2*z'7fff'/
  print *, k,m,j,l,jj
  print *, int(z'FFFFFFFF'), int(z'FFFFFFFF',8), int(z'80',1), int(z'FFFF',2), int(z'8000000000000000',8)
  print *, iand(k, z'FFFFFFFF'), iand(m,z'FFFFFFFFFF'), ior(j,z'7FFF')
  print *, real(z'3F800000'), dble(z'3FF0000000000000'), real(z'3FF0000000000000',8), cmplx(z'3F800000',z'40000000')
call q
end
subroutine q
  integer, parameter :: a = int(z'FFFFFFFF'), b = iand(7,b'101')
  real, parameter :: r = real(z'40490FDB')
  real x(int(z'3'))
  integer*8 m
  integer*1 l
  integer*2 j
  f(y) = y + real(z'BF800000')
  l = 5
  m = -1
  j = 3
  x = r
  print *, a, b, r, x, f(1.5)
  print *, int(o'17'), int(b'11'), int(z'b'), int(z'80000000'), int(z'8000000000000000',8), int2(z'8000'), int(z'80',1)
  print *, int(z'7fffffffffffffff',8), int8(z'FFFFFFFFFFFFFFFF')
  print *, real(z'00000001'), dble(z'0000000000000001'), dble(z'7fefffffffffffff'), real(z'7f7fffff'), real(z'80000000')
  print *, bge(l,z'ff'), bge(z'ff',l), bge(z'ff',z'1'), blt(m,z'ff'), merge_bits(z'f0',m,z'ff'), merge_bits(l,z'f0',z'ff')
  print *, dshiftl(z'80000000',1,4), dshiftl(1,z'80000000',4), dshiftr(l,z'f0',3), dcmplx(z'3FF0000000000000',2), cmplx(1,z'3F800000'), cmplx(z'3FF0000000000000',1,8)
  print *, ior(l,z'7f'), ieor(j,z'ffff'), iand(z'ff',m), and(3,z'1'), or(z'f0',j), xor(j,o'17')
  if (iand(j,z'2') /= 0) print *, int(z'10'), j
  do k=int(z'1'),int(b'11')
  print *, k
  end do
  call s(int(z'7f',1))
  write(*,*) (iand(k,z'1'),k=1,3)
end
subroutine s(l)
integer*1 l
print *, l
end
